import type { ErrorBody } from './types';

/** An answer of the server that is not a success, or no answer at all (status 0, code 'offline'). */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly fields: Record<string, string>;
  readonly detail: Record<string, unknown>;

  constructor(status: number, body: Partial<ErrorBody>) {
    super(body.message || body.code || `HTTP ${status}`);
    this.name = 'ApiError';
    this.status = status;
    this.code = body.code ?? `http_${status}`;
    this.fields = body.fields ?? {};
    this.detail = body.detail ?? {};
  }

  /** True if the same request may succeed later without being changed. */
  get temporary(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

export type QueryValue = string | number | boolean | null | undefined | readonly string[];

export interface RequestOptions {
  query?: Record<string, QueryValue>;
  json?: unknown;
  form?: FormData;
  signal?: AbortSignal;
  /** Give up after this many milliseconds (30 s unless told otherwise): a half-dead link never answers. */
  timeout?: number;
  /** 'ask' (default) waits for a new sign-in after a 401 and repeats the request; 'throw' gives the 401 to the caller. */
  unauthorized?: 'ask' | 'throw';
}

type SignInAgain = () => Promise<void>;

let language = 'zh';
let signInAgain: SignInAgain | null = null;

/** The language of the server's messages from now on. */
export function setRequestLanguage(next: string): void {
  language = next;
}

/** Who asks the user to sign in again when the session has ended; the request that met the 401 waits for it. */
export function onUnauthorized(ask: SignInAgain): void {
  signInAgain = ask;
}

/** Path and query as one string; empty values are left out and lists are joined by commas. */
export function url(path: string, query: Record<string, QueryValue> = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === undefined || value === '' || value === false) continue;
    if (Array.isArray(value)) {
      if (value.length) params.set(name, value.join(','));
    } else {
      params.set(name, value === true ? '1' : String(value));
    }
  }
  const text = params.toString();
  return text ? `${path}?${text}` : path;
}

function csrfToken(): string {
  return /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? '';
}

async function send(method: string, path: string, options: RequestOptions): Promise<Response> {
  const headers: Record<string, string> = { Accept: 'application/json', 'Accept-Language': language };
  if (method !== 'GET') headers['X-CSRFToken'] = csrfToken();
  if (options.json !== undefined) headers['Content-Type'] = 'application/json';
  const body = options.form ?? (options.json === undefined ? undefined : JSON.stringify(options.json));
  const timeout = AbortSignal.timeout(options.timeout ?? 30_000);
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
  try {
    return await fetch(url(path, options.query), { method, headers, body, signal, credentials: 'same-origin' });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new ApiError(0, { code: 'offline' });
  }
}

async function failure(response: Response): Promise<ApiError> {
  const body = await response.json().catch(() => ({})) as Partial<ErrorBody>;
  return new ApiError(response.status, body);
}

/** A file that the server makes from what is asked: its bytes and its name. Throws ApiError. */
export async function download(path: string, json: unknown): Promise<{ blob: Blob; name: string }> {
  const response = await answered('POST', path, { json, timeout: 600_000 });
  const name = /filename="([^"]+)"/.exec(response.headers.get('Content-Disposition') ?? '')?.[1] ?? 'export';
  return { blob: await response.blob(), name };
}

/** One request whose answer is a file. Throws ApiError. */
export async function requestBlob(method: string, path: string, options: RequestOptions = {}): Promise<Blob> {
  const response = await answered(method, path, options);
  return response.blob();
}

/** One request to our own server. Throws ApiError; resolves to null for an empty answer. */
export async function request<T>(method: string, path: string, options: RequestOptions = {}): Promise<T> {
  const response = await answered(method, path, options);
  if (response.status === 204) return null as T;
  return await response.json() as T;
}

/** A successful answer; after a 401 the request waits for a new sign-in and is made once more. */
async function answered(method: string, path: string, options: RequestOptions): Promise<Response> {
  const response = await send(method, path, options);
  if (response.status === 401 && options.unauthorized !== 'throw' && signInAgain) {
    await signInAgain();
    return answered(method, path, { ...options, unauthorized: 'throw' });
  }
  if (!response.ok) throw await failure(response);
  return response;
}
