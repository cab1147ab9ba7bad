/** Replaces valibot's own messages: they contain types of the language, and the received value, which may be a prompt. */
export function plainMessage(message: string): string {
  if (message.startsWith('Invalid key: Expected never')) return 'is not a known field'
  return message.startsWith('Invalid') ? 'is missing or has the wrong type' : message
}
