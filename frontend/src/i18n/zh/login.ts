export const login = {
  title: '登录',
  lead: '社区网格与案件',
  username: '用户名',
  password: '密码',
  show: '显示密码',
  hide: '隐藏密码',
  submit: '登录',
  busy: '正在登录',
  demoTitle: '演示账号',
  demoHint: '这是演示环境。选一个岗位，账号和密码会自动填好。',
};
