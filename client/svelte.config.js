export default {
  compilerOptions: {
    // Libraries decide for themselves; our own components use runes only.
    runes: ({ filename }) => (filename.includes('node_modules') ? undefined : true),
  },
};
