import { createPinia } from 'pinia';
import { createApp } from 'vue';
import App from './App.vue';
import { i18n } from './i18n';
import { router } from './router';
import './styles/tokens.css';
import './styles/base.css';
import './styles/map.css';
import { installTheme } from './theme';

// A page that was open while a new version was installed asks for parts that are gone: load the new version, once.
window.addEventListener('vite:preloadError', (event) => {
  if (sessionStorage.getItem('gridmap.reloaded') === import.meta.url) return;
  sessionStorage.setItem('gridmap.reloaded', import.meta.url);
  event.preventDefault();
  location.reload();
});

installTheme();
createApp(App).use(createPinia()).use(i18n).use(router).mount('#app');
