/** What was asked for cannot be done, and what to do instead, in a sentence for whoever asked. */
export class Refusal extends Error {}
