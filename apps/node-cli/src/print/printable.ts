const controls = /\p{Cc}/gu
const controlPictures = 0x2400

/**
 * Makes a text safe to show on a terminal: line ends and tabs pass, every other control character becomes a sign one can
 * see. Otherwise an answer could move the cursor, rename the window or fill the clipboard. Character by character, so a
 * text may come in pieces. Never throws.
 */
export function toPrintable(text: string): string {
  return text.replaceAll(controls, (control) => {
    if (control === '\n' || control === '\t') return control
    if (control === '\r') return ''
    const code = control.charCodeAt(0)
    return code < 0x20 ? String.fromCharCode(controlPictures + code) : '\uFFFD'
  })
}
