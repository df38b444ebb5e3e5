export const check = {
  title: 'Check an archive',
  hint: 'Choose the archive of a matter (PDF) to see whether an office signed it and whether it was changed since. The file is not kept.',
  choose: 'Choose a PDF',
  checking: 'Checking…',
  valid: 'Valid: signed by “{signer}” and unchanged since.',
  changed: 'Not valid: the file was changed after it was signed.',
  untrusted: 'Not valid: “{signer}” is no office that is trusted here.',
  unsigned: 'Not valid: this file is not signed.',
  at: 'Signed {time}',
};
