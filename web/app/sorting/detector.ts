import { part } from '../shared/part';

/** Reads the text of the QR code in a picture of the camera; "" if there is none. */
export type Detector = (video: HTMLVideoElement) => Promise<string>;

type Native = { detect(of: HTMLVideoElement): Promise<{ rawValue: string }[]> };
declare const BarcodeDetector: { new (options: { formats: string[] }): Native; getSupportedFormats(): Promise<string[]> } | undefined;

/** The browser's own detector. Where there is none, as in Safari, Firefox and on Linux, ZXing is loaded: 0.4 MB, once. */
export async function detector(): Promise<Detector> {
  if (typeof BarcodeDetector !== 'undefined' && (await BarcodeDetector.getSupportedFormats().catch(() => [] as string[])).includes('qr_code')) {
    const native = new BarcodeDetector({ formats: ['qr_code'] });
    return async (video) => (await native.detect(video).catch(() => []))[0]?.rawValue ?? '';
  }
  return (await part(() => import('./zxing'))).detector();
}
