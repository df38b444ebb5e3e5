export const login = {
  title: 'Sign in',
  lead: 'Community grid and incidents',
  username: 'User name',
  password: 'Password',
  show: 'Show the password',
  hide: 'Hide the password',
  submit: 'Sign in',
  busy: 'Signing in',
  demoTitle: 'Demo accounts',
  demoHint: 'This is a demo. Choose a role and the form fills itself.',
};
