// Shared by several pages: the words of roles, stages, marks and refusals in both languages, which the server puts before this script.

// both returns the content of an element that shows a text in both languages, Chinese first.
const both = ([chinese, english]) => {
  const small = document.createElement('small');
  small.lang = 'en';
  small.textContent = english ?? '';
  return english ? [`${chinese} `, small] : [chinese];
};

const roleWords = (role) => words.roles[role] ?? [role];
const stageWords = (stage) => words.stages[stage] ?? [stage, ''];

const substituteWords = (answer) => words.answers[answer] ?? [answer, ''];

const markWords = (mark) => words.marks[mark] ?? [mark, ''];

// refusalWords returns the sentence of a refusal in both languages, or only the server's own sentence if it contains names.
// Numbers are taken from the server's sentence.
function refusalWords(error) {
  const sentences = words.refusals[error.extensions?.reason ?? error.reason];
  for (const sentence of sentences ?? []) {
    const pattern = sentence.split('%d').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('(\\d+)');
    const said = error.message.match(new RegExp(`^${pattern}$`));
    if (said) return sentences.map((s) => said.slice(1).reduce((text, number) => text.replace('%d', number), s));
  }
  return [error.message];
}
