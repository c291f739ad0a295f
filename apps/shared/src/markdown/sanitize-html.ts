import createDOMPurify from 'dompurify'
import type { DOMPurify } from 'dompurify'
import { isSafeImage, isSafeLink } from './safe-address.ts'

const tags =
  'a blockquote br button code del div em figcaption figure h3 h4 h5 h6 hr img input li ol p pre span strong table tbody td th thead tr ul'
const attributes =
  'align alt aria-label checked class disabled href loading referrerpolicy rel role src start tabindex target title type'

const config = {
  ALLOWED_TAGS: tags.split(' '),
  ALLOWED_ATTR: attributes.split(' '),
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
}

let purifier: DOMPurify | undefined

/**
 * Keeps of some HTML what a chat may show: no script, no style, no foreign image, https links only.
 *
 * @throws Error where there is no DOM to read the HTML with: unchecked HTML never leaves here.
 */
export function sanitizeHtml(html: string): string {
  purifier ??= createPurifier()
  return purifier.sanitize(html, config)
}

/** An instance of our own, so that no hook of somebody else's applies here, nor ours there. */
function createPurifier(): DOMPurify {
  const created = createDOMPurify()
  if (!created.isSupported) throw new Error('sanitizeHtml needs a DOM: call it in a browser')
  created.addHook('afterSanitizeAttributes', (element) => {
    if (element.hasAttribute('href')) secureLink(element)
    if (element.localName === 'img') secureImage(element)
  })
  return created
}

function secureLink(link: Element): void {
  if (!isSafeLink(link.getAttribute('href') ?? '')) return link.removeAttribute('href')
  link.setAttribute('target', '_blank')
  link.setAttribute('rel', 'noopener noreferrer')
}

function secureImage(image: Element): void {
  if (!isSafeImage(image.getAttribute('src') ?? '')) return image.remove()
  image.setAttribute('loading', 'lazy')
  image.setAttribute('referrerpolicy', 'no-referrer')
}
