import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

import { words } from '../shared/language';
import { detector } from './detector';

const w = words({
  open: ['用相机扫码', 'Scan with the camera'],
  close: ['关闭相机', 'Close the camera'],
  denied: ['无法打开相机，请用扫描枪或输入编号。', 'The camera cannot be opened. Use a scanner, or type the number.'],
  view: ['相机画面', 'Camera'],
});

/** Reads QR codes with the camera. A code is passed on once while it stays in view. */
export function Camera({ read }: { read: (text: string) => void }) {
  const on = useSignal(false);
  const problem = useSignal(false);
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (!on.value) return;
    let stream: MediaStream | undefined;
    let over = false;
    let seen = '';
    let empty = 0;
    void (async () => {
      try {
        stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
        if (over || !video.current) return stream.getTracks().forEach((t) => t.stop());
        video.current.srcObject = stream;
        const [detect] = await Promise.all([detector(), video.current.play()]);
        while (!over) {
          const text = await detect(video.current);
          if (text && text !== seen) read((seen = text));
          empty = text ? 0 : empty + 1;
          if (empty > 5) seen = ''; // the code has left the view
          await new Promise((done) => setTimeout(done, 120));
        }
      } catch {
        problem.value = true;
        on.value = false;
      }
    })();
    return () => {
      over = true;
      stream?.getTracks().forEach((t) => t.stop());
    };
  }, [on.value]);
  if (!navigator.mediaDevices) return null; // there is none, or the page came over plain HTTP
  return (
    <div class="stack">
      <button id="camera" onClick={() => {
        problem.value = false;
        on.value = !on.value;
      }}>{on.value ? w.close : w.open}</button>
      {problem.value && <p class="refused" role="alert">{w.denied}</p>}
      {on.value && <video ref={video} muted playsInline aria-label={w.view} />}
    </div>
  );
}
