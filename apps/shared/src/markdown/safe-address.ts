const dataImage = /^data:image\/(?:png|jpeg|gif|webp|avif);base64,[a-z0-9+/=]*$/i

/** True for an absolute https address, the only kind a model may link to. */
export function isSafeLink(address: string): boolean {
  return URL.canParse(address) && new URL(address).protocol === 'https:'
}

/** True for an image that loads without asking: one on fal's media hosts, or one that carries its own bytes. */
export function isSafeImage(address: string): boolean {
  if (dataImage.test(address)) return true
  if (!isSafeLink(address)) return false
  const { hostname } = new URL(address)
  return hostname === 'fal.media' || hostname.endsWith('.fal.media')
}
