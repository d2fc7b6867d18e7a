// What `ptero check --format json` says, read and put in an order to show. Knows nothing of the editor.
'use strict';

// Version 1 of the records, which `schema` names with or without a word before it.
const version = /^(?:.*\/)?1$/;

/** Reads an object a line; undefined where one is none, because the program was no Ptero or was killed in between. */
function read(text) {
    const verdicts = [];
    const faults = [];
    for (const line of text.split('\n')) {
        if (line.trim() === '') continue;
        let record;
        try {
            record = JSON.parse(line);
        } catch {
            return undefined;
        }
        if (record === null || typeof record !== 'object' || !version.test(record.schema)) return undefined;
        if (typeof record.error === 'string') faults.push(record);
        else if (typeof record.observation === 'string' && typeof record.profile === 'string') verdicts.push(record);
        else return undefined;
    }
    return { verdicts, faults: faults.filter((fault) => fault.error === 'input') };
}

/** The condition's name of TEST:NAME, or '' of a test with one condition; names of conditions have no colon. */
function conditionName(verdict, test) {
    return test && verdict.test.startsWith(`${test}:`) ? verdict.test.slice(test.length + 1) : '';
}

/**
 * Profiles that say the same, together: what is not as expected first, else in the order of the profiles. Of each group
 * { condition, observation, expected, state, profiles, notes }, where `state` is 'wrong', 'open', 'right' or 'free'.
 */
function groups(verdicts, test) {
    const found = new Map();
    for (const verdict of verdicts) {
        const condition = conditionName(verdict, test);
        const expected = verdict.expected ?? undefined;
        const key = JSON.stringify([condition, verdict.observation, expected]);
        const group = found.get(key) ??
            { condition, observation: verdict.observation, expected, state: state(verdict), profiles: [], notes: [] };
        found.set(key, group);
        group.profiles.push(verdict.empty?.length ? `${verdict.profile}*` : verdict.profile);
        for (const note of verdict.empty ?? []) group.notes.push(`${verdict.profile}: ${note.text}`);
        if (verdict.reason) group.notes.push(`${verdict.profile}: ${verdict.reason}`);
    }
    const rank = { wrong: 0, open: 1, right: 2, free: 2 };
    return [...found.values()].sort((one, other) => rank[one.state] - rank[other.state]);
}

function state(verdict) {
    if (verdict.observation === 'Inconclusive') return 'open';
    if (verdict.asExpected === null || verdict.asExpected === undefined) return 'free';
    return verdict.asExpected ? 'right' : 'wrong';
}

/** A group in a line: "Sometimes on cet, not Never". */
function sentence(group) {
    const name = group.condition ? `${group.condition}: ` : '';
    const wrong = group.state === 'wrong' ? `, not ${group.expected}` : '';
    return `${name}${group.observation} on ${group.profiles.join(' ')}${wrong}`;
}

/** Header lines that may be slips, each once: every profile tells them. */
function warnings(verdicts) {
    const found = new Map();
    for (const warning of verdicts.flatMap((verdict) => verdict.warnings ?? [])) {
        found.set(JSON.stringify([warning.line, warning.message]), warning);
    }
    return [...found.values()];
}

/** Message, what else is known, and the remedy, each on a line. */
function words(fault) {
    const remedy = fault.remedy ? [`Remedy: ${fault.remedy}`] : [];
    return [fault.message, ...(fault.notes ?? []), ...remedy].join('\n');
}

module.exports = { groups, read, sentence, warnings, words };
