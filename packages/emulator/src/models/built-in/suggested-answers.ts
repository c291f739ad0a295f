// What the demos suggest to ask first, answered as a model would: a visitor without a key sees what a chat looks like.

/** An answer, and the words that a question for it has. */
interface SuggestedAnswer {
  readonly asksFor: readonly RegExp[]
  readonly text: string
}

/** Stands under each answer: nobody should take it for a model's. */
const disclaimer = '*No model was asked: the emulator had this answer ready.*'

const answers: readonly SuggestedAnswer[] = [
  {
    asksFor: [/\bexplain\b/i, /\bstream(s|ing)?\b/i, /\banswer\b/i],
    text: `Imagine a friend who reads you a letter aloud while it is still being written. They do not wait for the signature: each word reaches you the moment the ink is dry. A chat that streams does the same. The model decides on one small piece of a word at a time, and the server sends each piece on at once.

Your browser keeps one connection open and listens. Whenever a piece arrives it is added to the end of what is there already, and the screen is drawn again. That happens many times a second, so the text seems to grow by itself, although every step is only a few letters long.

The whole answer takes as long as it would have taken anyway. But the **first word** is there in a fraction of a second: you can begin to read, see where it is going, and press stop if it is not where you wanted to go.`,
  },
  {
    asksFor: [/\bcompare\b/i, /\btable\b/i, /\b(models?|gpt|claude|gemini)\b/i],
    text: `| | GPT-4o | Claude 3.7 Sonnet | Gemini 2.5 Pro |
| :--- | :--- | :--- | :--- |
| Made by | OpenAI | Anthropic | Google |
| Published | May 2024 | February 2025 | March 2025 |
| Context | 128,000 tokens | 200,000 tokens | 1,000,000 tokens |
| Thinks first | no | if asked to | always |
| Good at | quick talk, pictures | code, long edits | long documents, mathematics |

In short: **GPT-4o** for a quick conversation, **Claude 3.7 Sonnet** for work on code, **Gemini 2.5 Pro** for whatever is very long.`,
  },
  {
    asksFor: [/\bdebounce\b/i],
    text: `A debounced function waits until nobody has called it for a while, and then runs once, with the latest arguments:

\`\`\`ts
export function debounce<Args extends unknown[]>(run: (...args: Args) => void, waitMs: number) {
  let timer: ReturnType<typeof setTimeout> | undefined

  function debounced(...args: Args): void {
    clearTimeout(timer)
    timer = setTimeout(() => run(...args), waitMs)
  }
  debounced.cancel = (): void => clearTimeout(timer)

  return debounced
}
\`\`\`

For a search field that asks only when its reader pauses:

\`\`\`ts
const search = debounce((words: string) => console.log('Searching for', words), 300)

search('s')
search('se')
search('sea') // 300 ms later: Searching for sea
\`\`\`

- \`Args\` is taken from the function you give, so a wrong argument does not compile.
- \`search.cancel()\` forgets a call that waits, for example when the page is left.`,
  },
  {
    asksFor: [/\bplan\b/i, /\bweekend\b/i],
    text: `### Saturday

- **Morning.** Sleep in, then walk along the water before the shops open. Bring coffee.
- **Noon.** Soup and bread at the harbour; the table by the window, if it is free.
- **Afternoon.** A book, a blanket, and the telephone in a drawer.
- **Evening.** Cook something slow. Watch the light go.

### Sunday

- **Morning.** A swim for the brave, a long breakfast for everyone else.
- **Noon.** The path over the dunes to the lighthouse, about an hour each way.
- **Afternoon.** Cake. Postcards to two people who do not expect one.
- **Evening.** The late train home, on the side that faces the sea.

Leave one of the two afternoons empty. That is the quiet part.`,
  },
]

/** The answer to one of the demos' suggestions, and that no model wrote it; undefined for any other question. Never throws. */
export function findSuggestedAnswer(question: string): string | undefined {
  const found = answers.find(({ asksFor }) => asksFor.every((words) => words.test(question)))
  return found && `${found.text}\n\n${disclaimer}`
}
