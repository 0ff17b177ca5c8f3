// The sign-in that the other pages keep in this browser: see web/app/shared/session.ts.
export function signedIn() {
  try {
    return JSON.parse(localStorage.getItem('baogong:sign-in'))?.token ?? '';
  } catch {
    return '';
  }
}

// onSignIn calls back with the old token and the new one when another window signs in or out or replaces the token. It returns a function that stops it.
export function onSignIn(changed) {
  let token = signedIn();
  const heard = () => {
    const old = token;
    token = signedIn();
    if (token !== old) changed(old, token);
  };
  addEventListener('storage', heard);
  return () => removeEventListener('storage', heard);
}
