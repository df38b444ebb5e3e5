export const handle = {
  title: 'Department',
};
