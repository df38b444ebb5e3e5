export const field = {
  until: '{time} 前',
  noted: '已记下，等待发送',
  more: '再显示一些',
  count: '共 {n} 件',
};
