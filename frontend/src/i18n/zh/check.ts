export const check = {
  title: '核验档案',
  hint: '选一份办理档案（PDF），看它是不是由办事机构签署、有没有被改过。文件只用来核验，不保存。',
  choose: '选择 PDF 文件',
  checking: '正在核验…',
  valid: '有效：由“{signer}”签署，此后没有改动。',
  changed: '无效：签署之后文件被改过。',
  untrusted: '无效：签署者“{signer}”不是这里信任的机构。',
  unsigned: '无效：这份文件没有签名。',
  at: '签署时间 {time}',
};
