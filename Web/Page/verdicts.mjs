// The verdicts: one row for each class of CPUs.

/** So long may one search take; who has more time has a command line. */
const searchSeconds = 60;

class Verdicts {
    constructor(root, client, { choose, show }) {
        this.root = root;
        this.client = client;
        this.choose = choose;
        this.show = show;
        this.checks = 0;
        this.found = [];
        this.button = root.querySelector('#check');
        this.status = root.querySelector('#check-status');
        this.table = root.querySelector('#verdict-table');
        this.text = root.querySelector('#check-text');
        this.button.addEventListener('click', () => (this.isRunning ? this.stop() : this.check()));
    }

    /** Forgets what was found: there is another test, or it was edited. */
    reset(test, info) {
        if (this.isRunning) this.stop();
        [this.test, this.info, this.found] = [test, info, []];
        this.status.textContent = '';
        this.text.hidden = true;
        this.button.disabled = !info;
    }

    stop() {
        this.client.stop();
        this.isRunning = false;
    }

    async check() {
        const { test } = this;
        // Another check of the same test begins anew.
        this.asked = { ...test, key: `${test.key} ${++this.checks}` };
        this.found = this.info.questions.map((question) => question.profiles.map(() => undefined));
        this.isRunning = true;
        this.button.textContent = 'Stop';
        this.render();
        try {
            const count = this.found.flat().length;
            for (;;) {
                this.status.textContent = `${this.found.flat().filter(Boolean).length} of ${count} known`;
                const answer = await this.client.ask(this.asked, null, 'checkNext', searchSeconds);
                if (test !== this.test) return;
                if (answer.errors) {
                    this.status.textContent = answer.errors.map((fault) => fault.message).join('; ');
                    return;
                }
                if (answer.done) break;
                for (const verdict of answer.verdicts) this.found[answer.question][verdict.profile] = verdict;
                this.render();
            }
            this.text.querySelector('pre').textContent = await this.client.ask(this.asked, null, 'report');
            if (test !== this.test) return;
            this.text.hidden = false;
            this.status.textContent = this.found.flat().some((verdict) => verdict.observation === 'Inconclusive')
                ? `A search took more than ${searchSeconds} s or 1 GB: this is a question for the command line (ptero check).` : '';
        } catch (error) {
            if (test !== this.test) return;
            this.status.textContent = error.wasStopped ? 'Stopped.'
                : `The engine came to its end (${error.message}): this is a question for the command line (ptero check).`;
        } finally {
            this.isRunning = false;
            this.button.textContent = 'Check on all';
            this.render();
        }
    }

    /** Shows the verdicts of one question; the class of the run is marked. */
    render(question = this.question ?? 0, chosen = this.chosen) {
        [this.question, this.chosen] = [question, chosen];
        const asked = this.info?.questions[question];
        this.table.hidden = !asked;
        if (!asked) return;
        this.table.caption.textContent = `${asked.condition}: choose a class to step through it`;
        this.table.tBodies[0].replaceChildren(...asked.profiles.map((label, profile) => this.row(asked, question, profile, label)));
    }

    row(asked, question, profile, label) {
        const row = document.createElement('tr');
        const verdict = this.found[question]?.[profile];
        const head = document.createElement('th');
        head.scope = 'row';
        const choice = document.createElement('button');
        choice.className = 'link';
        choice.textContent = (profile === this.chosen ? '▸ ' : '') + label;
        if (profile === this.chosen) choice.setAttribute('aria-current', 'true');
        choice.addEventListener('click', () => this.choose(profile));
        head.append(choice);
        const cell = document.createElement('td');
        const how = document.createElement('td');
        if (verdict) {
            const isBad = asked.asksForHarm && ['Sometimes', 'Always'].includes(verdict.observation);
            const isUnexpected = verdict.asExpected === false;
            cell.textContent = `${isBad ? '✕ ' : ''}${verdict.observation}${isUnexpected ? '! (expected ' + verdict.expected + ')' : ''}${verdict.isEmpty ? '*' : ''}`;
            cell.className = `${isBad ? 'bad' : ''} ${isUnexpected ? 'unexpected' : ''}`.trim();
            if (verdict.reason) cell.textContent += `: ${verdict.reason}`;
            if (verdict.hasRun) {
                const button = document.createElement('button');
                button.className = 'link';
                button.textContent = 'show a run';
                button.setAttribute('aria-label', `show a run on ${label}`);
                button.addEventListener('click', () => this.showRun(question, profile, button));
                how.append(button);
            }
        } else {
            cell.textContent = '–';
        }
        row.append(head, cell, how);
        return row;
    }

    /** Shows the run that was found, step by step. */
    async showRun(question, profile, button) {
        button.disabled = true;
        try {
            const { replay } = await this.client.ask(this.asked, null, 'witness', question, profile);
            if (replay) this.show(question, profile, replay);
            else this.status.textContent = 'The run is too long to be taken step by step: ptero check shows it.';
        } catch (error) {
            if (!error.wasStopped) this.status.textContent = `The run could not be shown: ${error.message}`;
        } finally {
            button.disabled = false;
        }
    }
}
