import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import wasm from 'zxing-wasm/reader/zxing_reader.wasm?url';

import type { Detector } from './detector';

const widest = 960; // px: a label that fills a third of the picture has four of them for each module of its code

/** Reads QR codes with ZXing, compiled to WebAssembly. It fails if its file cannot be loaded. */
export async function detector(): Promise<Detector> {
  await prepareZXingModule({ overrides: { locateFile: () => wasm }, fireImmediately: true });
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  return async (video) => {
    const scale = Math.min(1, widest / video.videoWidth);
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    if (canvas.width === 0) return '';
    context.drawImage(video, 0, 0, canvas.width, canvas.height);
    const [found] = await readBarcodes(context.getImageData(0, 0, canvas.width, canvas.height), { formats: ['QRCode'], maxNumberOfSymbols: 1 });
    return found?.text ?? '';
  };
}
