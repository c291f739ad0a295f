/** A route as every runtime with `Request` and `Response` understands it. It never rejects. */
export type FetchHandler = (request: Request) => Promise<Response>
