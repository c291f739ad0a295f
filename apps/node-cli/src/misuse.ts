/** A wrong call of the program; the message is the sentence to show. */
export class Misuse extends Error {
  override readonly name = 'Misuse'
}
