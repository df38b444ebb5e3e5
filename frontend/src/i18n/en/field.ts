export const field = {
  until: 'by {time}',
  noted: 'noted, waiting to be sent',
  more: 'Show more',
  count: '{n} in all',
};
