// What must be true of a peer whatever its speed: every contact accepted once, by a counselor who may take it, one contact at a time
// for each counselor. A figure of a peer that breaks this is not printed. Leaves out time.

const PROBLEMS_MAX = 10;

export class Ledger {
  /** `takes(counselor, queue)` says who may take what. */
  constructor(takes) {
    this.takes = takes;
    this.contacts = new Map();
    this.holding = new Map();
    this.arrivals = 0;
    this.accepts = 0;
    this.problems = [];
  }

  #problem(text) {
    if (this.problems.length < PROBLEMS_MAX) this.problems.push(text);
  }

  arrived(contact, queue) {
    if (this.contacts.has(contact)) this.#problem(`contact ${contact} arrived twice`);
    this.contacts.set(contact, { queue, counselor: undefined, accepted: false });
    this.arrivals += 1;
  }

  told(contact, counselor) {
    const it = this.contacts.get(contact);
    if (it === undefined) return this.#problem(`counselor ${counselor} was told of contact ${contact}, which never arrived`);
    if (it.counselor !== undefined) this.#problem(`contact ${contact} was told to ${it.counselor} and to ${counselor}`);
    if (!this.takes(counselor, it.queue)) this.#problem(`counselor ${counselor} may not take queue ${it.queue}`);
    if (this.holding.has(counselor)) this.#problem(`counselor ${counselor} was told of ${contact} while holding another`);
    it.counselor = counselor;
    this.holding.set(counselor, contact);
  }

  accepted(contact, done) {
    const it = this.contacts.get(contact);
    if (!done) return this.#problem(`the accept of contact ${contact} was refused`);
    if (it?.counselor === undefined) return this.#problem(`contact ${contact} was accepted by nobody`);
    if (it.accepted) return this.#problem(`contact ${contact} was accepted twice`);
    it.accepted = true;
    this.accepts += 1;
  }

  /** Called when the counselor says so, before the peer knows: the peer may tell the next at once. */
  freed(counselor) {
    if (!this.holding.delete(counselor)) this.#problem(`counselor ${counselor} was freed while free`);
  }

  /** What was wrong, at the end of a run. */
  verdict() {
    const lost = this.arrivals - this.accepts;
    if (lost !== 0) this.#problem(`${lost} of ${this.arrivals} contacts were not accepted`);
    if (this.holding.size !== 0) this.#problem(`${this.holding.size} counselors were never freed`);
    return this.problems;
  }
}
