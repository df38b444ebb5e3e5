/** Large files are packed before they are sent: a table shrinks to a tenth, and the server takes it as it is. */

export const MOST_BYTES = 24_000_000;
const WORTH_IT = 1_000_000;
const PACKED_ALREADY = /\.(zip|gz|xlsx|ods)$/i;

/** The file as it is sent: gzipped where that is worth it. */
export async function packed(file: File): Promise<File> {
  if (file.size < WORTH_IT || PACKED_ALREADY.test(file.name) || typeof CompressionStream === 'undefined') return file;
  const blob = await new Response(file.stream().pipeThrough(new CompressionStream('gzip'))).blob();
  return blob.size < file.size ? new File([blob], `${file.name}.gz`) : file;
}
