// What several pages share: the words of roles and refusals, which the server puts before this, in both languages.

// both returns the content of an element that shows a text in both languages, Chinese first.
const both = ([chinese, english]) => {
  const small = document.createElement('small');
  small.lang = 'en';
  small.textContent = english ?? '';
  return english ? [`${chinese} `, small] : [chinese];
};

const roleWords = (role) => words.roles[role] ?? [role];

// refusalWords are the sentence of a refusal in both languages, or as the server said it, in one, where names fill it in. Numbers in
// it are found in what the server said.
function refusalWords(error) {
  const sentences = words.refusals[error.extensions?.reason ?? error.reason];
  for (const sentence of sentences ?? []) {
    const pattern = sentence.split('%d').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('(\\d+)');
    const said = error.message.match(new RegExp(`^${pattern}$`));
    if (said) return sentences.map((s) => said.slice(1).reduce((text, number) => text.replace('%d', number), s));
  }
  return [error.message];
}
