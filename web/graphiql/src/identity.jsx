import { useState } from 'react';

const other = '\u0000other'; // no actor can be called that

// Identity is the bar that sets the caller: one of the actors or another name, or a token if there are no actors.
// Its value is that name or token. hint describes the accepted values; note is shown when the page opens. named is
// the caller that the open tab names, if it names one: the bar says so if the value is another one, chosen by hand or not.
export function Identity({ actors, hint, note, value, named, byHand, onChange }) {
  const known = actors.some((a) => a.name === value);
  const [insteadOf, setInsteadOf] = useState(); // the previous caller, while the reader types another one
  const free = !known || insteadOf === value;

  function choose(name) {
    setInsteadOf(name === other ? value : undefined);
    if (name !== other) onChange(name);
  }
  return (
    <div className="identity">
      <strong>保供 Baogong</strong>
      {actors.length > 0 && (
        <label>
          我是谁 · Who am I
          <select value={free ? other : value} onChange={(e) => choose(e.target.value)}>
            {actors.map((a) => (
              <option key={a.name} value={a.name}>
                {[a.name, a.role, a.about].filter(Boolean).join(' · ')}
              </option>
            ))}
            <option value={other}>其他 · Someone else</option>
          </select>
        </label>
      )}
      {actors.length === 0 && <a href="../sign-in">登录 · Sign in</a>}
      {free && <Entry key={value} actors={actors} hint={hint} value={value} onChange={onChange} />}
      {named && named !== value && (
        <small className="named" role="status">
          {byHand
            ? `此标签页写明 # as: ${named}，以您选择的身份为准 · This tab says # as: ${named}; your choice takes precedence`
            : `此标签页写明 # as: ${named}，下次打开该标签页时生效 · This tab says # as: ${named}, which takes effect when the tab is opened again`}
        </small>
      )}
      {note && <small>{note}</small>}
      <a href="LICENSES.txt">许可 · Licences</a>
    </div>
  );
}

// Entry takes effect on Enter or when it is left, so that half a name never asks.
function Entry({ actors, hint, value, onChange }) {
  const [text, setText] = useState(value);
  const secret = actors.length === 0;
  const commit = () => text.trim() !== value && onChange(text.trim());
  return (
    <label>
      {secret ? '令牌 · Token' : '名字或令牌 · Name or token'}
      <input
        type={(secret && !hint) || /^(Bearer\s+)?(bgt_|eyJ)/i.test(text) ? 'password' : 'text'}
        placeholder={hint}
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(e) => setText(e.target.value)}
        onBlur={commit}
        onKeyDown={(e) => e.key === 'Enter' && commit()}
      />
    </label>
  );
}
