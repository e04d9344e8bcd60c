/** Does the pieces in order, so many at a time. */
export async function shareOut<Piece>(
  pieces: readonly Piece[],
  atATime: number,
  work: (piece: Piece) => Promise<void>,
): Promise<void> {
  const rest = pieces.values();
  const worker = async (): Promise<void> => {
    for (const piece of rest) await work(piece);
  };
  await Promise.all(Array.from({ length: atATime }, worker));
}
