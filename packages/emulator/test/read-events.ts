/** Reads the `data:` of every event of a finished stream, as JSON; comments and names are skipped. */
export async function readEvents<Event>(response: Response): Promise<Event[]> {
  return parseEvents<Event>(await response.text())
}

/** Reads the `data:` of every event of a text, as JSON. */
export function parseEvents<Event>(text: string): Event[] {
  return text
    .split(/\r\n\r\n|\n\n|\r\r/)
    .flatMap((frame) => frame.split(/\r\n|\n|\r/))
    .filter((line) => line.startsWith('data: ') && line !== 'data: [DONE]')
    .map((line) => JSON.parse(line.slice('data: '.length)) as Event)
}
