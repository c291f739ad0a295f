import { styleText } from 'node:util'

/** Colours, or none. */
export interface Palette {
  dim(text: string): string
  bold(text: string): string
  accent(text: string): string
  alarm(text: string): string
}

type Style = Parameters<typeof styleText>[0]

/** Creates the colours of a screen; without `enabled` every text stays as it is. */
export function createPalette(enabled: boolean): Palette {
  // Whether this stream wants colours was decided by whoever calls; styleText must not ask stdout again.
  const style = (name: Style) => (text: string) =>
    enabled ? styleText(name, text, { validateStream: false }) : text
  return { dim: style('dim'), bold: style('bold'), accent: style('cyan'), alarm: style('red') }
}
