export const worker = {
  title: '网格员',
};
