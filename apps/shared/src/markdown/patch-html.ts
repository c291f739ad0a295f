/**
 * Makes an element's content look like some HTML by touching only what differs: a growing text is
 * appended to, a list gains an item, and what the reader selected or focused above stays so.
 * The HTML must be safe already.
 */
export function patchHtml(element: Element, html: string): void {
  const template = element.ownerDocument.createElement('template')
  template.innerHTML = html
  patchChildren(element, template.content)
}

function patchChildren(current: Node, wanted: Node): void {
  const nodes = [...wanted.childNodes]
  nodes.forEach((node, index) => {
    const existing = current.childNodes[index]
    if (existing) patchNode(existing, node)
    else current.appendChild(node)
  })
  while (current.childNodes.length > nodes.length) current.lastChild?.remove()
}

function patchNode(existing: ChildNode, wanted: ChildNode): void {
  if (existing.isEqualNode(wanted)) return
  if (existing instanceof Text && wanted instanceof Text) return patchText(existing, wanted.data)
  if (
    existing instanceof Element &&
    wanted instanceof Element &&
    existing.cloneNode(false).isEqualNode(wanted.cloneNode(false))
  ) {
    return patchChildren(existing, wanted)
  }
  existing.replaceWith(wanted)
}

function patchText(existing: Text, data: string): void {
  if (data.startsWith(existing.data)) existing.appendData(data.slice(existing.data.length))
  else existing.data = data
}
