import type { Page } from 'playwright-core'

/** Two colours of the style sheet that meet as text and ground, and their ratio after WCAG 2. */
export interface Contrast {
  readonly pair: string
  readonly ratio: number
}

const pairs = [
  ['--ink', '--page'],
  ['--ink', '--raised'],
  ['--ink', '--sunken'],
  ['--quiet', '--page'],
  ['--quiet', '--raised'],
  ['--quiet', '--sunken'],
  ['--accent', '--page'],
  ['--accent', '--accent-soft'],
  ['--on-accent', '--accent'],
  ['--bad', '--bad-soft'],
  ['--quiet', '--bad-soft'],
] as const

/** Reads the page's colours as they are in its present theme. */
export function readContrasts(page: Page): Promise<readonly Contrast[]> {
  return page.evaluate((wanted) => {
    const probe = document.body.appendChild(document.createElement('i'))
    const luminance = (name: string) => {
      probe.style.color = `var(${name})`
      const channels =
        getComputedStyle(probe)
          .color.match(/[\d.]+/g)
          ?.map(Number) ?? []
      const [red = 0, green = 0, blue = 0] = channels.map((channel) => {
        const value = channel / 255
        return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
      })
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
    const ratios = wanted.map(([text, ground]) => {
      const [dark = 0, light = 0] = [luminance(text), luminance(ground)].toSorted((a, b) => a - b)
      return { pair: `${text} on ${ground}`, ratio: (light + 0.05) / (dark + 0.05) }
    })
    probe.remove()
    return ratios
  }, pairs)
}
