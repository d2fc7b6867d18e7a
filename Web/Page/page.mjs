// The page: which test, which class of CPUs, and how the parts speak to each other.

class Page {
    constructor(wasm, corpus, given) {
        const script = document.getElementById('worker-script').textContent;
        const client = () => new Client(script, wasm);
        // Steps are answered at once whatever the searches do.
        this.stepper = client();
        this.corpus = corpus;
        this.given = given;
        this.editor = new Editor(document.getElementById('editor'), (text) => this.edited(text));
        this.verdicts = new Verdicts(document.getElementById('verdicts'), client(), {
            choose: (profile) => this.begin(this.question, profile),
            show: (question, profile, replay) => this.begin(question, profile, replay),
        });
        this.explorer = new Explorer(document.getElementById('explorer'), this.stepper, client(), () => this.stepped());
        this.keys = 0;
        this.question = 0;
        this.connect();
    }

    connect() {
        const on = (id, event, action) => document.getElementById(id).addEventListener(event, action);
        on('explorer', 'notice', ({ detail }) => this.notice([detail]));
        on('example', 'change', ({ target }) => this.open(target.value));
        on('question', 'change', ({ target }) => this.begin(Number(target.value), this.profile));
        on('profile', 'change', ({ target }) => this.begin(this.question, Number(target.value)));
        on('theme', 'click', () => this.theme(document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark'));
        on('copy', 'click', () => this.copyLink());
        addEventListener('hashchange', () => { if (location.hash.slice(1) !== this.fragment) this.follow(); });
        document.addEventListener('keydown', (event) => this.key(event));
    }

    // Which test.

    /** Fills the list of examples, folder by folder. */
    listExamples() {
        const list = document.getElementById('example');
        if (this.given) list.append(new Option(this.given.file, 'given'));
        const folders = new Map();
        for (const { path } of this.corpus) {
            const folder = path.slice(0, path.lastIndexOf('/'));
            if (!folders.has(folder)) {
                const group = document.createElement('optgroup');
                group.label = folder;
                folders.set(folder, group);
                list.append(group);
            }
            folders.get(folder).append(new Option(path.slice(folder.length + 1), path));
        }
        list.append(new Option('own text', 'own'));
    }

    /** The test that a name means: its path, or the end of it where that is unique. */
    example(name) {
        const exact = this.corpus.find(({ path }) => path === name);
        const alike = this.corpus.filter(({ path }) => path.endsWith(`/${name}`));
        return exact ?? (alike.length === 1 ? alike[0] : undefined);
    }

    testOf(name) {
        if (name === 'given') {
            const { file, text, code } = this.given;
            return { source: 'given', file, text, code: code ? bytesOf(code) : undefined };
        }
        const found = this.example(name);
        return found && { source: 'corpus', path: found.path, file: `Corpus/${found.path}.litmus`, text: found.text };
    }

    /** A text that somebody wrote; that of the given test is the given test, which may have machine code. */
    own(text) { return text === this.given?.text ? this.testOf('given') : { source: 'own', file: 'test.litmus', text }; }

    /** Opens what the address asks for, else the test of the page, else the first example. */
    async follow() {
        const asked = await readFragment(location.hash.slice(1));
        const faults = asked.faults;
        let test = asked.s !== undefined ? this.own(asked.s) : asked.t !== undefined ? this.testOf(asked.t) : undefined;
        if (asked.t !== undefined && !test) faults.push(`The link names a test that this page does not have: ${asked.t.slice(0, 100)}`);
        const isAsked = Boolean(test);
        test ??= this.given ? this.testOf('given') : this.testOf('wrprotect/two-step+write+lost-dirty');
        const run = isAsked || (this.given && asked.t === undefined) ? asked : {};
        await this.load(test, { question: run.c, profile: run.p ?? this.given?.profile ?? (isAsked ? undefined : 'late'), replay: run.w, faults });
    }

    open(name) {
        if (name === 'own') return this.load(this.own(this.editor.text), { keepsText: true });
        return this.load(this.testOf(name), {});
    }

    edited(text) {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.load(this.own(text), { keepsText: true, profile: this.label }), 250);
    }

    /** Reads a test, and begins a run of it. */
    async load(test, { question = 0, profile, replay = '', faults = [], keepsText = false }) {
        clearTimeout(this.timer);
        test.key = `${++this.keys}`;
        this.test = test;
        this.notice(faults);
        if (!keepsText) this.editor.text = test.text;
        document.getElementById('example').value = test.source === 'corpus' ? test.path : test.source;
        document.body.dataset.state = 'reading';
        let info;
        try {
            info = await this.stepper.ask(test, null, 'load');
        } catch (error) {
            info = { errors: [{ message: `the engine came to its end: ${error.message}`, remedy: 'ptero check FILE has more room' }], warnings: [] };
        }
        if (test !== this.test) return;
        this.editor.show(info.errors, info.warnings);
        this.info = info.errors.length ? undefined : info;
        this.verdicts.reset(test, this.info);
        document.body.dataset.state = this.info ? 'ready' : 'wrong';
        document.title = `${info.name ?? 'Ptero'} – Ptero explorer`;
        if (!this.info) {
            this.explorer.clear();
            this.editor.mark([], []);
            this.verdicts.render(0, undefined);
            this.fillChoices([], []);
            return this.setFragment();
        }
        const asked = Math.min(question, info.questions.length - 1);
        const labels = info.questions[asked].profiles;
        const number = profile === undefined ? 0 : labels.indexOf(profile);
        if (number < 0) faults.push(`This test is not for the class ${profile.slice(0, 60)}; it is shown on ${labels[0] ?? 'none'}.`);
        this.notice(faults);
        await this.begin(asked, Math.max(0, number), replay);
    }

    /** Begins a run of a question on a class of CPUs. */
    async begin(question, profile, replay = '') {
        const { questions } = this.info;
        [this.question, this.profile] = [question, Math.min(profile, questions[question].profiles.length - 1)];
        this.label = questions[question].profiles[this.profile];
        this.fillChoices(questions.map((asked) => asked.title), questions[question].profiles);
        this.verdicts.render(question, this.profile);
        if (this.label === undefined) {
            this.notice(['No class of CPUs that comes with Ptero is one that this test is for.']);
            return this.explorer.clear();
        }
        await this.explorer.begin(this.test, this.info, question, this.profile, replay);
    }

    fillChoices(titles, labels) {
        const fill = (id, texts, chosen) => {
            const list = document.getElementById(id);
            list.replaceChildren(...texts.map((text, number) => new Option(text, number)));
            list.value = chosen;
            list.disabled = texts.length === 0;
        };
        fill('question', titles, this.question);
        fill('profile', labels, this.profile);
        document.getElementById('question-choice').hidden = titles.length < 2;
    }

    // What the explorer tells.

    stepped() {
        const { state } = this.explorer;
        this.editor.mark(state.steps, state.lines);
        this.setFragment();
    }

    async setFragment() {
        const turn = ++this.keys;
        // Whether the address is still that of the run before.
        document.body.dataset.linking = '';
        const fragment = await fragmentOf({
            test: this.test, question: this.question, profile: this.info ? this.label : undefined, replay: this.info ? this.explorer.state?.replay : '',
        });
        if (turn !== this.keys) return;
        this.isLinkable = fragment !== null;
        this.fragment = fragment ?? '';
        // Safari takes a hundred of these in half a minute, and no more.
        try { history.replaceState(null, '', `#${this.fragment}`); } catch { this.isLinkable = false; }
        delete document.body.dataset.linking;
    }

    async copyLink() {
        const button = document.getElementById('copy');
        let told = 'copied';
        if (!this.isLinkable) told = 'no link: too long';
        else await navigator.clipboard.writeText(location.href).catch(() => { told = 'copy it from the address bar'; });
        button.textContent = told;
        setTimeout(() => { button.textContent = 'copy link to this step'; }, 2000);
    }

    /** Says what was not as the link, or the person, wanted it. */
    notice(texts) {
        const box = document.getElementById('notice');
        box.hidden = texts.length === 0;
        box.replaceChildren(...texts.map((text) => make('p', '', text)));
    }

    theme(name) {
        document.documentElement.dataset.theme = name;
        if (this.explorer.state) this.explorer.draw();
    }

    key(event) {
        const isField = event.target.closest?.('textarea, input, select');
        if (isField || event.ctrlKey || event.metaKey || event.altKey || !document.getElementById('keys').checked || !this.explorer.state) return;
        const isInPicture = event.target.closest?.('.frame');
        const { explorer } = this;
        const actions = {
            u: () => explorer.undo(), r: () => explorer.redo(), Home: () => explorer.go(''), ArrowLeft: () => explorer.undo(), ArrowRight: () => explorer.redo(),
            ArrowDown: () => explorer.move(1), ArrowUp: () => explorer.move(-1), j: () => explorer.move(1), k: () => explorer.move(-1),
        };
        if (isInPicture && event.key.startsWith('Arrow')) return;
        if (event.key === 'v') {
            if (!document.getElementById('way').disabled) explorer.takeWay();
            return;
        }
        const action = /^[1-9]$/.test(event.key) ? () => explorer.key(event.key) : actions[event.key];
        if (!action) return;
        event.preventDefault();
        explorer.inTurn(action);
    }
}

/** What the build, or `ptero explore`, has put into the page. */
function packed(id) { return document.getElementById(id).textContent.trim(); }

async function start() {
    const root = document.documentElement;
    root.dataset.theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
    const say = (text) => {
        const box = document.getElementById('notice');
        box.hidden = false;
        box.textContent = text;
    };
    if (typeof WebAssembly !== 'object' || typeof DecompressionStream !== 'function') {
        return say('This browser has no WebAssembly, or cannot unpack it: Chrome from 103, Firefox from 113 and Safari from 16.4 can.');
    }
    try {
        const [wasm, corpusBytes] = await Promise.all([unpacked(packed('wasm')), unpacked(packed('corpus'))]);
        const parts = new TextDecoder().decode(corpusBytes).split('\0').slice(0, -1);
        const corpus = [];
        for (let at = 0; at < parts.length; at += 2) corpus.push({ path: parts[at], text: parts[at + 1] });
        const page = new Page(wasm, corpus, JSON.parse(packed('given')));
        matchMedia('(prefers-color-scheme: dark)').addEventListener('change', ({ matches }) => page.theme(matches ? 'dark' : 'light'));
        page.listExamples();
        await page.follow();
    } catch (error) {
        say(`The page is damaged: ${error.message}`);
    }
}

start();
