export const handle = {
  title: '部门处置',
};
