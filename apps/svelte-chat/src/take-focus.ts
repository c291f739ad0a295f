/** Gives an element the focus when it appears, whatever had it before: `{@attach takeFocus}`. */
export function takeFocus(element: HTMLElement): void {
  element.focus()
}
