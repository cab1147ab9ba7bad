/** Does something that lets the text of nodes grow. What is selected in them stays so: to a browser it would be new text. */
export function keepSelection(act: () => void) {
  const selection = getSelection()
  if (!selection || selection.isCollapsed) return act()
  const { anchorNode, anchorOffset, focusNode, focusOffset } = selection
  act()
  const isSame = selection.anchorOffset === anchorOffset && selection.focusOffset === focusOffset
  if (isSame || !anchorNode?.isConnected || !focusNode?.isConnected) return
  const isThere = (node: Node, offset: number) =>
    offset <= (node.nodeValue ?? '').length || node.nodeType !== Node.TEXT_NODE
  if (isThere(anchorNode, anchorOffset) && isThere(focusNode, focusOffset))
    selection.setBaseAndExtent(anchorNode, anchorOffset, focusNode, focusOffset)
}
