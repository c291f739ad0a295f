import createDOMPurify from 'dompurify'
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

// An instance of our own, so that no hook of somebody else's applies here, nor ours there.
const purifier = createDOMPurify()

purifier.addHook('afterSanitizeAttributes', (element) => {
  if (element.hasAttribute('href')) {
    if (isSafeLink(element.getAttribute('href') ?? '')) {
      element.setAttribute('target', '_blank')
      element.setAttribute('rel', 'noopener noreferrer')
    } else {
      element.removeAttribute('href')
    }
  }
  if (element.localName === 'img') {
    if (isSafeImage(element.getAttribute('src') ?? '')) {
      element.setAttribute('loading', 'lazy')
      element.setAttribute('referrerpolicy', 'no-referrer')
    } else {
      element.remove()
    }
  }
})

/**
 * Keeps of some HTML what a chat may show: no script, no style, no foreign picture, https links only.
 *
 * @throws Error where there is no DOM to read the HTML with: unchecked HTML never leaves here.
 */
export function sanitizeHtml(html: string): string {
  if (!purifier.isSupported) throw new Error('sanitizeHtml needs a DOM: call it in a browser')
  return purifier.sanitize(html, config)
}
