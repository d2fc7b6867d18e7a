// The explorer: where the run is, what can happen next, what can still come of it.

/** What a search from one step may take; beyond that its fate is not known. */
const fateSeconds = 1;
const fateStates = 200_000;
/** What the search for a shortest way may take once somebody asks for it. */
const waySeconds = 60;

/** Makes an element: its name, its class, its text or its children. */
function make(name, className, ...content) {
    const element = document.createElement(name);
    if (className) element.className = className;
    element.append(...content);
    return element;
}

class Explorer {
    constructor(root, stepper, searcher, changed) {
        Object.assign(this, { root, stepper, searcher, changed });
        this.part = (id) => document.getElementById(id);
        this.future = [];
        this.turn = 0;
        this.line = Promise.resolve();
        this.part('undo').addEventListener('click', () => this.inTurn(() => this.undo()));
        this.part('redo').addEventListener('click', () => this.inTurn(() => this.redo()));
        this.part('restart').addEventListener('click', () => this.inTurn(() => this.go('')));
        this.part('way').addEventListener('click', () => this.takeWay());
    }

    /** Does something once what was asked before is done: who types fast gets what was typed. */
    inTurn(action) {
        this.line = this.line.then(action, action);
        return this.line;
    }

    /** Begins a run, and takes these steps as far as they go. Says how the page stands when all is shown. */
    async begin(test, info, question, profile, replay = '') {
        this.future = [];
        // What is still shown is that of the run before.
        delete this.root.dataset.known;
        Object.assign(this, { test, info, at: { question, profile }, state: null });
        this.words = this.wordsFor(info.questions[question]);
        await this.go(replay);
    }

    /** There is nothing to step through. */
    clear() {
        this.turn++;
        this.state = null;
        this.root.hidden = true;
        this.part('run').hidden = true;
    }

    /** How the page speaks of what the condition asks about. */
    wordsFor({ asksForHarm, quantifier, condition }) {
        const asked = condition.replace(/^[^(]*/, '');
        if (asksForHarm) return { certain: 'goes wrong for sure', possible: 'can still go wrong', impossible: 'cannot go wrong any more', goal: 'a violation', asked };
        if (quantifier === 'forall') return { certain: 'fails for sure', possible: 'can still fail', impossible: 'cannot fail any more', goal: 'a counterexample', asked: `not ${asked}` };
        return { certain: 'holds for sure', possible: 'can still hold', impossible: 'cannot hold any more', goal: 'where the condition holds', asked };
    }

    /** Goes where these steps lead from the start. */
    async go(replay, future = []) {
        const turn = ++this.turn;
        const { test, at } = this;
        let state;
        try {
            state = await this.stepper.ask(test, at, 'go', replay);
        } catch (error) {
            if (turn === this.turn && !error.wasStopped) this.tell(`The engine came to its end: ${error.message}`);
            return;
        }
        if (turn !== this.turn) return;
        if (state.error) {
            this.tell(state.error);
            if (!this.state && replay) await this.go('');
            else if (!this.state) this.clear();
            return;
        }
        const hadFocus = this.part('choices').contains(document.activeElement);
        this.state = state;
        this.future = future;
        this.outlook = null;
        this.fates = new Map();
        this.render();
        if (hadFocus) this.part('choices').querySelector('button')?.focus();
        if (state.steps.length < state.wanted) {
            this.tell(`The run stops after ${state.steps.length} of ${state.wanted} steps: step ${state.steps.length + 1} is not possible here.`);
        }
        this.changed(this);
        this.draw(turn).then(() => { if (turn === this.turn) this.look(turn); });
    }

    tell(text) { this.root.dispatchEvent(new CustomEvent('notice', { detail: text })); }

    undo() {
        if (!this.state?.steps.length) return undefined;
        const steps = stepsOf(this.state.replay);
        const last = { ...this.state.steps.at(-1), step: steps.at(-1) };
        return this.go(steps.slice(0, -1).join(''), [last, ...this.future]);
    }

    redo() {
        if (!this.state || !this.future.length) return undefined;
        const [next, ...rest] = this.future;
        return this.go(this.state.replay + next.step, rest);
    }

    /** Takes the choice that a key names. */
    key(digit) {
        const number = this.part('choices').querySelector(`button[data-key="${digit}"]`)?.dataset.number;
        return number === undefined ? undefined : this.go(this.state.next[number].replay);
    }

    /** Moves the focus along the choices. */
    move(by) {
        const all = [...this.part('choices').querySelectorAll('button')].filter((button) => button.offsetParent);
        if (!all.length) return;
        const now = all.indexOf(document.activeElement);
        all[now < 0 ? (by > 0 ? 0 : all.length - 1) : (now + by + all.length) % all.length].focus();
    }

    // What can still come.

    /** Searches from here, and then from each next step, one after the other, as long as the run stays here. */
    async look(turn) {
        const ask = async (replay) => {
            try {
                return await this.searcher.ask(this.test, this.at, 'outlook', replay, fateSeconds, fateStates);
            } catch (error) {
                return { error: error.message };
            }
        };
        const here = await ask(this.state.replay);
        if (turn !== this.turn) return;
        this.outlook = here;
        this.renderOutlook();
        for (const choice of this.state.next) {
            const found = here.fate === 'impossible' || here.fate === 'certain' ? here : await ask(choice.replay);
            if (turn !== this.turn) return;
            this.fates.set(choice.number, found.error ? 'unknown' : found.fate);
            this.renderFate(choice.number);
        }
        this.root.dataset.known = this.state.replay || 'start';
    }

    /** Goes to a violation by a shortest way. */
    async takeWay() {
        await this.line;
        if (!this.state) return;
        const { turn } = this;
        let found = this.outlook;
        if (!found || (!found.way && !found.isComplete)) {
            this.part('way').textContent = 'Searching …';
            try {
                found = await this.searcher.ask(this.test, this.at, 'way', this.state.replay, waySeconds, 0);
            } catch (error) {
                found = { error: error.message };
            }
            if (turn !== this.turn) return;
            if (!found.error) this.outlook = { ...this.outlook, way: found.way, length: found.length, noWay: found.isComplete && !found.way };
            this.renderOutlook();
        }
        if (found.way) await this.go(this.state.replay + found.way);
        else if (found.error || !found.isComplete) this.tell(`No way was found within ${waySeconds} s: this is a question for the command line (ptero check).`);
    }

    // What is shown.

    render() {
        const { state } = this;
        this.root.hidden = false;
        this.part('run').hidden = false;
        delete this.root.dataset.known;
        this.renderCrumbs();
        this.part('undo').disabled = state.steps.length === 0;
        this.part('restart').disabled = state.steps.length === 0;
        this.part('redo').disabled = this.future.length === 0;
        this.renderChoices();
        this.renderOutlook();
        const last = state.steps.at(-1);
        this.part('announcement').textContent = last ? `Step ${state.steps.length}: P${last.cpu}: ${last.text}` : 'At the start.';
    }

    renderCrumbs() {
        const { state } = this;
        const steps = stepsOf(state.replay);
        const crumb = (label, title, replay, className) => {
            const button = make('button', className, ...label);
            button.title = title;
            if (replay === state.replay) button.setAttribute('aria-current', 'step');
            button.addEventListener('click', () => {
                const gone = state.steps.slice(stepsOf(replay).length).map((step, i) => ({ ...step, step: steps[stepsOf(replay).length + i] }));
                this.go(replay, replay.length < state.replay.length ? [...gone, ...this.future] : []);
            });
            return make('li', '', button);
        };
        const items = [crumb(['start'], 'the start', '', '')];
        state.steps.forEach((step, number) => {
            const text = `P${step.cpu}${step.hardware ? '*' : ''} ${step.text}`;
            items.push(crumb([make('b', '', String(number + 1)), ` ${text}`], `${text}: ${step.why}${step.source ? `; ${step.source}` : ''}`, steps.slice(0, number + 1).join(''), step.hardware ? 'hardware' : ''));
        });
        this.future.forEach((step, number) => {
            const text = `P${step.cpu} ${step.text}`;
            const ghost = make('span', 'ghost', make('b', '', String(state.steps.length + number + 1)), ` ${text}`);
            ghost.title = `undone: ${text}`;
            items.push(make('li', '', ghost));
        });
        this.part('crumbs').replaceChildren(...items);
    }

    renderChoices() {
        const { state } = this;
        const list = this.part('choices');
        list.replaceChildren();
        const seen = state.next.filter((choice) => !choice.isIdle);
        const idle = state.next.filter((choice) => choice.isIdle);
        this.part('count').textContent = `${seen.length} possible`;
        this.part('next').hidden = state.isComplete && !state.next.length;
        this.part('ending').hidden = !state.isComplete && !state.hasHarm;
        this.part('ending').className = state.hasHarm ? 'ending bad' : 'ending';
        this.part('ending').textContent = `${state.hasHarm ? '✕ ' : ''}${state.isComplete ? 'The run has ended. ' : ''}${state.conclusion.replace(/^The run ends with/, 'It ends with')}`;
        let key = 0;
        for (const cpu of [...new Set(state.next.map((choice) => choice.cpu))].sort((a, b) => a - b)) {
            for (const hardware of [false, true]) {
                const group = seen.filter((choice) => choice.cpu === cpu && choice.hardware === hardware);
                if (!group.length) continue;
                const heading = make('h4', '', hardware ? `P${cpu}’s hardware, by itself` : `P${cpu}`);
                list.append(heading, make('ul', '', ...group.map((choice) => this.choice(choice, ++key))));
            }
        }
        if (idle.length) {
            const group = make('details', 'idle', make('summary', '', `${idle.length} more that ${idle.length === 1 ? 'changes' : 'change'} nothing that can be seen`));
            group.append(make('ul', '', ...idle.map((choice) => this.choice(choice, 0))));
            list.append(group);
        }
        if (!state.next.length && !state.isComplete) list.append(make('p', 'dim', 'Nothing can happen any more: the CPUs wait for each other.'));
    }

    choice(choice, key) {
        const button = make('button', `choice ${choice.hardware ? 'hardware' : ''}`);
        button.dataset.number = choice.number;
        if (key >= 1 && key <= 9) {
            button.dataset.key = key;
            button.append(make('kbd', '', String(key)));
        } else button.append(make('span', 'nokey'));
        const text = choice.isIdle ? `P${choice.cpu}: ${choice.text}` : choice.text;
        const changes = make('span', 'changes', ...choice.changes.slice(0, 4).map((change) => make('code', '', change)));
        if (choice.changes.length > 4) changes.append(` and ${choice.changes.length - 4} more`);
        button.append(make('span', 'what', text, make('small', '', choice.why), ...(choice.source ? [make('small', 'source', choice.source)] : [])), changes, make('span', 'fate', '–'));
        button.addEventListener('click', () => this.go(choice.replay));
        return make('li', '', button);
    }

    renderFate(number) {
        const cell = this.part('choices').querySelector(`button[data-number="${number}"] .fate`);
        const fate = this.fates.get(number);
        if (!cell) return;
        const isBad = this.info.questions[this.at.question].asksForHarm && (fate === 'certain' || fate === 'possible');
        cell.className = `fate ${fate} ${isBad ? 'isbad' : ''}`;
        cell.textContent = fate === 'unknown' ? '? not known' : `${{ certain: '✕✕', possible: '✕', impossible: '✓' }[fate]} ${this.words[fate]}`;
        if (!isBad && fate !== 'impossible' && fate !== 'unknown') cell.textContent = this.words[fate];
    }

    renderOutlook() {
        const { outlook, words, state } = this;
        const box = this.part('outlook');
        const way = this.part('way');
        box.replaceChildren();
        const label = `Shortest way to ${words.goal} from here`;
        way.replaceChildren(label, ' ', make('kbd', '', 'v'));
        way.disabled = false;
        way.className = this.info.questions[this.at.question].asksForHarm ? 'harm' : '';
        const isOver = state.isComplete;
        way.hidden = isOver;
        box.hidden = isOver;
        if (isOver) return;
        if (!outlook) {
            box.append('– final states still reachable from here');
            return;
        }
        if (outlook.error) {
            box.append(`What can still come is not known: ${outlook.error.replace(/^ptero: error: /, '')}`);
            return;
        }
        const number = (count) => make('b', '', outlook.isComplete ? String(count) : `at least ${count}`);
        const bad = this.info.questions[this.at.question].asksForHarm ? 'bad' : '';
        if (outlook.isComplete || outlook.count) {
            box.append(make('p', '', number(outlook.count), ` final ${outlook.count === 1 ? 'state' : 'states'} still reachable from here, `,
                make('b', outlook.asked ? bad : '', String(outlook.asked)), ` with `, make('code', '', words.asked)));
        }
        if (!outlook.isComplete) box.append(make('p', 'dim', 'Not all is known: the search from here takes more than 1 s or 200,000 states.'));
        const chips = (outlook.finals ?? []).map((final) => make('code', `final ${final.isAsked ? `asked ${bad}` : ''}`, (final.isAsked && bad ? '✕ ' : '') + final.parts.join(' ')));
        if (outlook.count > chips.length) chips.push(make('span', 'dim', ` and ${outlook.count - chips.length} more`));
        if (chips.length) box.append(make('p', 'finals', ...chips));
        if (outlook.way) {
            way.replaceChildren(`${label}: ${outlook.length} ${outlook.length === 1 ? 'step' : 'steps'} `, make('kbd', '', 'v'));
        } else if (outlook.isComplete || outlook.noWay) {
            way.replaceChildren(`${label}: none `, make('kbd', '', 'v'));
            way.disabled = true;
        }
        if (outlook.length === 0) {
            way.replaceChildren(`Here already: ${words.goal} `, make('kbd', '', 'v'));
            way.disabled = true;
        }
    }

    /** Draws the run, for light (and for paper), and for dark where that is shown. */
    async draw(turn = this.turn) {
        const themes = document.documentElement.dataset.theme === 'dark' ? ['dark', 'light'] : ['light'];
        for (const theme of themes) {
            const text = await this.stepper.ask(this.test, this.at, 'picture', theme).catch(() => '');
            if (turn !== this.turn) return;
            const host = this.part(`picture-${theme}`);
            const drawing = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement;
            const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
            const fit = make('style', '', '@media print { svg { max-width: 100%; height: auto; } } svg { display: block; }');
            root.replaceChildren(fit, document.importNode(drawing, true));
        }
    }
}
