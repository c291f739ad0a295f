/** Writes a refusal of the proxy: JSON with the reason under `detail`, where fal's clients look for it. */
export function refuse(
  status: number,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(JSON.stringify({ detail: `fal proxy: ${detail}` }), {
    status,
    headers: {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      'cross-origin-resource-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      ...headers,
    },
  })
}
