// A camera that films one picture: Chromium's fake device reads it from a file.
import { writeFile } from 'node:fs/promises';

const [width, height] = [640, 480];

/** The flags of a Chromium whose only camera films what show writes into the file. */
export const flags = (file) => ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', `--use-file-for-fake-video-capture=${file}`];

// show lets the camera film a drawing: an SVG, held in front of a grey wall. The page draws it.
export async function show(page, file, svg) {
  const luma = await page.evaluate(async ([text, w, h]) => {
    const image = new Image();
    image.src = `data:image/svg+xml,${encodeURIComponent(text)}`;
    await image.decode();
    const canvas = Object.assign(document.createElement('canvas'), { width: w, height: h });
    const context = canvas.getContext('2d');
    context.fillStyle = '#999';
    context.fillRect(0, 0, w, h);
    context.fillStyle = '#fff';
    context.fillRect(180, 100, 280, 280);
    context.drawImage(image, 200, 120, 240, 240);
    const { data } = context.getImageData(0, 0, w, h);
    return Array.from({ length: w * h }, (_, i) => data[4 * i]); // it is grey
  }, [svg, width, height]);
  const frame = Buffer.concat([Buffer.from('FRAME\n'), Buffer.from(luma), Buffer.alloc(width * height / 2, 128)]);
  await writeFile(file, Buffer.concat([Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\n`), frame, frame]));
}
