const longest = 1600; // pixels a side
const limit = 5_000_000; // bytes that the server takes

/** Makes a photo small enough to send over a slow network. Drawing it again also removes its place and time. */
export async function shrink(file: File): Promise<Blob> {
  try {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, longest / Math.max(picture.width, picture.height));
    const canvas = document.createElement('canvas');
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    canvas.getContext('2d')!.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const small = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', 0.8));
    if (small && small.size <= limit) return small;
  } catch {
    // a form that this browser cannot read; the server may
  }
  return file;
}
