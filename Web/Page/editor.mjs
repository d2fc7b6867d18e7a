// The editor: a text field over a copy of its text that has the colours; beside it the steps of the run.

/** Longer texts are shown without colours: they would make typing slow. */
const mostColoured = 60_000;

const tokens = /(\(\*[\s\S]*?(?:\*\)|$))|("[^"]*(?:"|$))|(%[a-z][a-z0-9]*)|(\$?-?\b0x[0-9a-fA-F]+\b|\$-?[0-9]+\b)|\b(exists|forall|locations|filter|call)\b|(^[A-Z][A-Za-z]*=)|(\b(?:PTE|PMD|PUD|P4D|PGD|PA|PT|PD|PDPT)(?=\())/gm;
const kinds = ['comment', 'string', 'register', 'number', 'word', 'head', 'entry'];

/** Calls back with the pieces of a text: its kind, or nothing, and the text. */
function pieces(text, tell) {
    let at = 0;
    for (const match of text.matchAll(tokens)) {
        if (match.index > at) tell('', text.slice(at, match.index));
        tell(kinds[match.slice(1).findIndex((group) => group !== undefined)] ?? '', match[0]);
        at = match.index + match[0].length;
    }
    tell('', text.slice(at));
}

class Editor {
    constructor(root, changed) {
        this.field = root.querySelector('textarea');
        this.copy = root.querySelector('pre');
        this.gutter = root.querySelector('.gutter');
        this.errorList = root.querySelector('.errors');
        this.faults = [];
        this.field.addEventListener('input', () => {
            this.faults = [];
            this.paint();
            changed(this.field.value);
        });
        this.field.addEventListener('scroll', () => this.follow());
    }

    get text() { return this.field.value; }

    set text(text) {
        this.field.value = text;
        this.faults = [];
        this.field.rows = Math.min(30, Math.max(8, text.split('\n', 40).length));
        this.field.scrollTo(0, 0);
        this.mark([], []);
        this.paint();
    }

    follow() {
        this.copy.style.transform = `translate(${-this.field.scrollLeft}px, ${-this.field.scrollTop}px)`;
        this.gutter.firstElementChild.style.transform = `translateY(${-this.field.scrollTop}px)`;
    }

    paint() {
        const text = this.field.value;
        const isPlain = text.length > mostColoured;
        this.field.classList.toggle('plain', isPlain);
        const shown = document.createDocumentFragment();
        if (!isPlain) {
            const spans = this.faults.map((fault) => this.span(text, fault)).filter(Boolean).sort((a, b) => a[0] - b[0]);
            let at = 0;
            pieces(text, (kind, piece) => {
                // A fault may begin or end within a piece.
                for (let start = 0; start < piece.length;) {
                    const here = at + start;
                    const fault = spans.find(([from, to]) => from <= here && here < to);
                    const end = fault ? fault[1] : Math.min(...spans.map(([from]) => from).filter((from) => from > here), Infinity);
                    const part = piece.slice(start, end - at);
                    const span = document.createElement('span');
                    span.className = `${kind} ${fault ? 'fault' : ''}`.trim();
                    span.textContent = part;
                    shown.append(span.className ? span : part);
                    start += part.length;
                }
                at += piece.length;
            });
        }
        shown.append('\n');
        this.copy.replaceChildren(shown);
        this.follow();
    }

    /** Where a fault lies in the text. Columns count characters, not the halves of those beyond the sixteen bits. */
    span(text, { line, column, length }) {
        if (!line) return undefined;
        const lines = text.split('\n');
        if (line > lines.length) return undefined;
        let start = lines.slice(0, line - 1).reduce((sum, before) => sum + before.length + 1, 0);
        const letters = [...lines[line - 1]];
        start += letters.slice(0, column - 1).join('').length;
        const end = start + Math.max(1, letters.slice(column - 1, column - 1 + length).join('').length);
        return [start, end];
    }

    /** Shows what is wrong with the text, in it and below it. */
    show(faults, warnings) {
        this.faults = faults;
        this.field.setAttribute('aria-invalid', String(faults.length > 0));
        const entries = [...faults.map((fault) => [fault, 'error']), ...warnings.map((fault) => [fault, 'warning'])];
        this.errorList.replaceChildren(...entries.map(([fault, kind]) => {
            const item = document.createElement('li');
            item.className = kind;
            const button = document.createElement(fault.line ? 'button' : 'span');
            const place = fault.line ? `line ${fault.line}, column ${fault.column}: ` : '';
            button.textContent = `${kind === 'error' ? '✕' : '!'} ${place}${fault.message}`;
            if (fault.line) button.addEventListener('click', () => this.reveal(fault));
            item.append(button);
            if (fault.remedy) {
                const remedy = document.createElement('div');
                remedy.className = 'dim';
                remedy.textContent = fault.remedy;
                item.append(remedy);
            }
            return item;
        }));
        this.paint();
    }

    reveal(fault) {
        const span = this.span(this.text, fault);
        if (!span) return;
        this.field.focus();
        this.field.setSelectionRange(...span);
    }

    /** Marks lines: `steps` has the lines of the steps taken, `next` those of the instructions that come next. */
    mark(steps, next) {
        const marks = new Map();
        steps.forEach(({ line, hardware }, number) => { if (line && !hardware) marks.set(line, [...(marks.get(line) ?? []), number + 1]); });
        const column = document.createElement('div');
        const height = parseFloat(getComputedStyle(this.field).lineHeight);
        const put = (line, className, text, title) => {
            const mark = document.createElement('span');
            mark.className = className;
            mark.textContent = text;
            mark.title = title;
            mark.style.top = `${(line - 1) * height}px`;
            column.append(mark);
        };
        for (const [line, numbers] of marks) put(line, 'disc', String(numbers.at(-1)), `step ${numbers.join(', ')}`);
        next.forEach((line, cpu) => { if (line) put(line, 'arrow', '▶', `P${cpu} is here`); });
        this.gutter.replaceChildren(column);
        this.follow();
    }
}
