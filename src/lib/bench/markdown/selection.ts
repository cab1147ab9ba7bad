/** Runs `act`, which lets text nodes grow, and restores the selection: the browser would treat the text as new. */
export function keepSelection(act: () => void) {
  const selection = getSelection()
  if (!selection || selection.isCollapsed) return act()
  const { anchorNode, anchorOffset, focusNode, focusOffset } = selection
  act()
  const isSame = selection.anchorOffset === anchorOffset && selection.focusOffset === focusOffset
  if (isSame || !anchorNode?.isConnected || !focusNode?.isConnected) return
  const isInside = (node: Node, offset: number) =>
    offset <= (node.nodeValue ?? '').length || node.nodeType !== Node.TEXT_NODE
  if (isInside(anchorNode, anchorOffset) && isInside(focusNode, focusOffset))
    selection.setBaseAndExtent(anchorNode, anchorOffset, focusNode, focusOffset)
}
