export const street = {
  title: '街道指挥',
};
