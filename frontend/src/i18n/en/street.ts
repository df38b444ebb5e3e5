export const street = {
  title: 'Street office',
};
