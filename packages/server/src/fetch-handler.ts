/** A route of any runtime that has `Request` and `Response`. It never rejects: every failure is a Response. */
export type FetchHandler = (request: Request) => Promise<Response>
