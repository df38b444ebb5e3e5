export const worker = {
  title: 'Grid worker',
};
