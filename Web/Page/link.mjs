// What stands after # in the address: which test, which class of CPUs, which steps. Never a result.

/** No test is longer: the checker refuses it. */
const mostTestBytes = 16 << 20;
/** Longer texts make no link: programs for mails cut it off. */
const mostLinkCharacters = 30_000;

async function through(stream, bytes, most) {
    const writer = stream.writable.getWriter();
    writer.write(bytes).catch(() => {});
    writer.close().catch(() => {});
    const parts = [];
    let length = 0;
    const reader = stream.readable.getReader();
    for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        length += value.length;
        if (length > most) throw new Error('too long');
        parts.push(value);
    }
    const whole = new Uint8Array(length);
    let at = 0;
    for (const part of parts) {
        whole.set(part, at);
        at += part.length;
    }
    return whole;
}

function bytesOf(base64) { return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)); }

/** Unpacks what the build has packed by gzip and base64. */
async function unpacked(base64, most = 1 << 28) { return through(new DecompressionStream('gzip'), bytesOf(base64), most); }

async function deflated(text) {
    const bytes = await through(new CompressionStream('deflate-raw'), new TextEncoder().encode(text), mostTestBytes);
    let letters = '';
    for (let at = 0; at < bytes.length; at += 8192) letters += String.fromCharCode(...bytes.subarray(at, at + 8192));
    return btoa(letters).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

async function inflated(letters) {
    const bytes = bytesOf(letters.replaceAll('-', '+').replaceAll('_', '/'));
    return new TextDecoder('utf-8', { fatal: true }).decode(await through(new DecompressionStream('deflate-raw'), bytes, mostTestBytes));
}

/** The fragment for a state of the page; null where the test is too long for one. */
async function fragmentOf({ test, question, profile, replay }) {
    const parts = [];
    if (test.source === 'corpus') parts.push(`t=${encodeURIComponent(test.path).replaceAll('%2F', '/').replaceAll('%2B', '+')}`);
    if (test.source === 'own') {
        if (test.text.length > mostTestBytes / 4) return null;
        const letters = await deflated(test.text);
        if (letters.length > mostLinkCharacters) return null;
        parts.push(`s=${letters}`);
    }
    if (question > 0) parts.push(`c=${question}`);
    if (profile) parts.push(`p=${encodeURIComponent(profile).replaceAll('%3A', ':')}`);
    if (replay) parts.push(`w=${replay}`);
    return parts.join('&');
}

/** What a fragment asks for, and what is wrong with it: { t, s, c, p, w, faults }. */
async function readFragment(fragment) {
    const asked = { faults: [] };
    for (const part of fragment.split('&')) {
        if (!part) continue;
        const [, name, value] = /^([a-z]+)=(.*)$/s.exec(part) ?? [];
        try {
            if (name === 't' || name === 'p') asked[name] = decodeURIComponent(value);
            else if (name === 's') asked.s = await inflated(value);
            else if (name === 'c' && /^[0-9]{1,3}$/.test(value)) asked.c = Number(value);
            else if (name === 'w') {
                // A mail may have encoded the parentheses.
                asked.w = decodeURIComponent(value);
                if (!/^([0-9a-z]|\([0-9]{1,9}\))*$/.test(asked.w)) {
                    asked.faults.push('The run of this link is damaged; it was left out.');
                    asked.w = '';
                }
            } else asked.faults.push(`The link has a part that means nothing here: ${part.slice(0, 60)}`);
        } catch {
            asked.faults.push(name === 's' ? 'The test of this link cannot be read: the link is cut off or damaged.'
                : `A part of the link cannot be read: ${part.slice(0, 60)}`);
        }
    }
    return asked;
}

/** The steps of a replay string, one string each. */
function stepsOf(replay) { return replay.match(/\([0-9]+\)|[0-9a-z]/g) ?? []; }
