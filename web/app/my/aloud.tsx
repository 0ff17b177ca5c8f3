import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

import { language, locale, words } from '../shared/language';

const w = words({
  read: ['读给我听', 'Read it to me'],
  stop: ['停止', 'Stop'],
});

/** A large button that reads a text aloud in the page's language. There is none where the browser cannot speak. */
export function Aloud({ text }: { text: string }) {
  const speaking = useSignal(false);
  useEffect(() => () => window.speechSynthesis?.cancel(), []);
  if (!('speechSynthesis' in window)) return null;
  function toggle() {
    speechSynthesis.cancel();
    if (speaking.value) {
      speaking.value = false;
      return;
    }
    const spoken = new SpeechSynthesisUtterance(text);
    spoken.lang = locale();
    const voice = speechSynthesis.getVoices().find((v) => v.lang.toLowerCase().startsWith(language.value));
    if (voice) spoken.voice = voice;
    spoken.rate = 0.9;
    spoken.onend = spoken.onerror = () => (speaking.value = false);
    speaking.value = true;
    speechSynthesis.speak(spoken);
  }
  return <button id="aloud" type="button" class="wide" aria-pressed={speaking.value} onClick={toggle}>{speaking.value ? w.stop : w.read}</button>;
}
