/** A POST with JSON and a key, as most tests send it; `path` is the emulator's ("/fal.run/fal-ai/any-llm"). */
export function post(
  path: string,
  input: unknown,
  headers: Readonly<Record<string, string>> = {},
): Request {
  return new Request(`http://127.0.0.1:8787${path}`, {
    method: 'POST',
    headers: { authorization: 'Key test:secret', 'content-type': 'application/json', ...headers },
    body: JSON.stringify(input),
  })
}

/** A GET with a key. */
export function get(path: string, headers: Readonly<Record<string, string>> = {}): Request {
  return new Request(`http://127.0.0.1:8787${path}`, {
    headers: { authorization: 'Key test:secret', ...headers },
  })
}
