/** The answers of the demo home. Each belongs to a kind of question, found by its words. */
export interface Script {
  words: readonly string[]
  text: string
}

export const SCRIPTS = [
  {
    words: ['retry', 'backoff', 'back-off', 'wiederholen'],
    text: `Here is a small helper that retries with exponential back-off and full jitter:

\`\`\`ts
export async function retry<T>(task: () => Promise<T>, attempts = 5, baseMs = 200): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await task()
    } catch (error) {
      if (attempt >= attempts) throw error
      const ceiling = baseMs * 2 ** (attempt - 1)
      await new Promise((resolve) => setTimeout(resolve, Math.random() * ceiling))
    }
  }
}
\`\`\`

How the common strategies compare when the first wait is 200 ms:

| Strategy | Waits (ms) | Good for | Weak spot |
| --- | --- | --- | --- |
| Fixed | 200, 200, 200, 200 | One client, short hiccups | Keeps knocking on a server that is down |
| Linear | 200, 400, 600, 800 | Slow but steady recovery | Clients stay in step with each other |
| Exponential | 200, 400, 800, 1600 | Unknown outage length | Everybody returns at the same moment |
| Exponential + jitter | random up to those | Many clients | A single wait is hard to predict |

Two rules matter more than the curve:

1. **Retry only what is safe to repeat.** A \`GET\` is; a payment is not, unless it carries an idempotency key.
2. **Respect \`Retry-After\`.** If the server names a time, it knows better than any formula.`,
  },
  {
    words: ['lighthouse', 'story', 'leuchtturm', 'geschichte'],
    text: `The lighthouse at Gull Point had not needed a keeper for thirty years, but Marta climbed its stairs every evening all the same.

She said it was for her knees. The village let her say so.

On the night of the big storm the power failed along the whole coast. One window after another went dark, and then the lamp above them too, for the first time since anyone could remember. Marta was already on the stairs. She carried a biscuit tin, and in the tin were two hundred tea lights, saved from two hundred quiet dinners.

It took her an hour to set them around the great lens. Each one was nothing. Together, behind all that glass, they threw a pale, shivering beam across the water.

Out beyond the reef a fishing boat turned slowly to port.

In the morning the skipper came by with a box of mackerel and asked who had fixed the light.

"Nobody," said Marta. "I only kept it company."`,
  },
  {
    words: ['sky', 'himmel'],
    text: `The sky is blue because air scatters short wavelengths of light far more strongly than long ones.

Sunlight looks white, but it is a mixture of all colours. On its way through the atmosphere it meets molecules of nitrogen and oxygen, which are much smaller than the wavelength of light. Such small particles scatter light in proportion to **1/λ⁴**: blue light at 450 nm is scattered about four times as strongly as red light at 650 nm. So when you look away from the sun, most of what reaches your eye is scattered blue.

- **Why not violet?** The sun emits less violet, some of it is absorbed high up, and our eyes are less sensitive to it.
- **Why are sunsets red?** Near the horizon the light crosses so much air that the blue has been scattered out of the direct beam.
- **Why are clouds white?** Their droplets are larger than the wavelength and scatter all colours alike.`,
  },
  {
    words: ['sql', 'query', 'join', 'abfrage'],
    text: `The bug is in the \`WHERE\` clause: it turns the outer join back into an inner one.

\`\`\`sql
SELECT c.name, COUNT(o.id) AS orders
FROM customers c
LEFT JOIN orders o ON o.customer_id = c.id
WHERE o.status = 'paid'
GROUP BY c.id, c.name;
\`\`\`

For a customer without orders every column of \`o\` is \`NULL\`, and \`NULL = 'paid'\` is not true, so the row is dropped. Move the condition into the join:

\`\`\`sql
SELECT c.name, COUNT(o.id) AS orders
FROM customers c
LEFT JOIN orders o ON o.customer_id = c.id AND o.status = 'paid'
GROUP BY c.id, c.name
ORDER BY orders DESC;
\`\`\`

Now customers without paid orders appear with a count of 0. Note that \`COUNT(o.id)\` is right here and \`COUNT(*)\` would not be: it would count the empty row as 1.`,
  },
  {
    words: ['haiku', 'poem', 'gedicht'],
    text: `Lamp on the doorstep,
rain has carried off the road.
Somebody comes home.`,
  },
  {
    words: ['changelog', 'release notes', 'summary', 'summarize', 'summarise', 'zusammenfassung'],
    text: `**In one sentence:** this release makes start-up faster, fixes two ways of losing data, and drops one old option.

**Added**
- Exports can be resumed after an interruption.
- A \`--dry-run\` switch shows what would change.

**Fixed**
- Saving while offline no longer discards the last edit.
- Dates before 1970 are sorted correctly.

**Changed**
- Start-up takes about 0.4 s instead of 1.1 s, because plugins are loaded when first used.

**Removed**
- \`--legacy-format\`, deprecated for a year. Convert old files once with \`migrate\`.

If you only read one line: update before your next trip, the offline fix is worth it.`,
  },
  {
    words: ['hello', 'hi', 'hey', 'hallo', 'guten tag', 'moin'],
    text: `Hello! Nice to hear from you. What can I help you with today?`,
  },
  {
    words: ['function', 'code', 'def', 'python', 'typescript', 'funktion'],
    text: `A version that is easy to read and to test:

\`\`\`python
def median(numbers):
    ordered = sorted(numbers)
    if not ordered:
        raise ValueError("median of nothing")
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2
\`\`\`

It sorts a copy, so the caller's list stays as it was, and it refuses an empty list instead of inventing a result.`,
  },
] as const satisfies readonly Script[]
